"""Collections of notes: registry, uploads, permissions, what is indexed."""
