"""How actors lie to each other: similarity, change, salience and one scale, from statements and stance cells."""
