-- expect: error nil value
string.dump(function() end)
