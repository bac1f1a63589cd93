"""Parts of `workspace.models`: what a version takes and gives, and the rules before it is promoted."""
