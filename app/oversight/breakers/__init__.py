"""What stops new lending: the breakers of products, and the stops by officials."""
