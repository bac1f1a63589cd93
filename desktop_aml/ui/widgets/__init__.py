"""Small widgets that every room uses. Know Qt and the look, nothing of workspaces' content."""
