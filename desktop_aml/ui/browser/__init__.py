"""The workspace browser at the left: what a workspace holds, as a tree. Reads through the façade; changes nothing."""
