"""Each way that the world can fail, played to the program itself: a file for each of them."""
