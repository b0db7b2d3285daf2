-- expect: error
local guard <close> = {__close = function() while true do end end}
