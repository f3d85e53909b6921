"""What readers share: JSON, XML, SQLite and plain texts from strangers, opened safely, and offsets in other units."""
