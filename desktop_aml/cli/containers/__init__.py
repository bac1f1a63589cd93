"""Commands about containers, images, and what a run asks of its container."""
