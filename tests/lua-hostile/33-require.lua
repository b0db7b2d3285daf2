-- expect: error is not available to lessons
require("os").exit(0)
