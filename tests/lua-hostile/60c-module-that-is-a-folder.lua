-- expect: error regular file
use "folder"
