"""What is found beside the runs of a workspace: attached sources, and questions in SQL."""
