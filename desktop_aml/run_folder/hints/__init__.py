"""What would help a run that failed, told from its folder and from what lies beside its script; changes nothing."""
