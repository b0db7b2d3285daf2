-- expect: error from inside
host.call_back(function() end)
