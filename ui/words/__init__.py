"""Every word of the interface, a module a page."""
