"""The bench: runs the edge, nginx and a Cloudflare Worker side by side and compares them."""
