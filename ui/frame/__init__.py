"""What surrounds the pages: the bar on top, what is loading, styles and scripts."""
