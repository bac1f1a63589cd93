"""What every builder shares: the protocol, uv as a process, files that are whole or not there."""
