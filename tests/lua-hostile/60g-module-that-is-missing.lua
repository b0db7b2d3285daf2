-- expect: error no module
use "missing"
