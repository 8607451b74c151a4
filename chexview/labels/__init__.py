"""Tables and labels from outside: what a file holds, what its columns and words mean, and what they do not tell."""
