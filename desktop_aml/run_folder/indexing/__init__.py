"""What runs left, read for what finds them again."""
