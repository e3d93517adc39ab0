"""Code that carries a notice to a person, one module per service."""
