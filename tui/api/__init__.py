"""The client of an image endpoint: wire format, requests, downloads, errors."""
