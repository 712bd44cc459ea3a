"""Words of notes that say when and where customers want to come."""
