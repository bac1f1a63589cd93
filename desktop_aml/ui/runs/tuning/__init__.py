"""What the page of a sweep shows beyond its trials. Knows no other room."""
