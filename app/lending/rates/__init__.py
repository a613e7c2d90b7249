"""Reference rates, and the loans whose rate follows one."""
