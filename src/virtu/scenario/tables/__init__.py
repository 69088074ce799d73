"""Tables as people have them: `grid` cuts a file into cells with their places, `amounts` reads the numbers in them."""
