"""The HTTP side: events and portal calls in, what ops ask, and data policies out."""
