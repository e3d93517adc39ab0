"""The running flow from a message to orders and back, one module per job."""
