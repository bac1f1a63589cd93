"""Workers that a batch system starts: SLURM, PBS or LSF."""
