"""What a sweep shares with other programs. Stands below the service of sweeps."""
