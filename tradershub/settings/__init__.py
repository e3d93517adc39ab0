"""Configuration from files and environment, checked as a whole before anything starts."""
