"""Many runs in one picture: what they were given against what came of it. Reads nothing; is given a sheet of runs."""
