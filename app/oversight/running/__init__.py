"""What the operator watches: relay accounts, API keys, and who saw what."""
