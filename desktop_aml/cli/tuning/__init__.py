"""What the commands about sweeps print beyond their trials."""
