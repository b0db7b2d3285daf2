-- expect: error raised on purpose
table.sort({3, 2, 1}, function() error("raised on purpose") end)
