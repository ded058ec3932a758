"""What the PDF reader is made of: glyphs, layout, running headers, paragraphs."""
