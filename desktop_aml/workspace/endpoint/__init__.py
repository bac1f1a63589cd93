"""What belongs to one endpoint: the state that it is in now, the source it is deployed with. Serves nothing itself."""
