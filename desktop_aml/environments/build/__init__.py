"""Environments as folders of this computer: made once, found again, cleaned up."""
