-- expect: error owned
error("\27]0;owned\7\27[2J", 0)
