date -u -d @0 '+%Y-%m-%d %H:%M:%S'
date -u -d @86399 '+%T'
date -u -d '2024-02-29 12:00:00' +%s
date -u -d @1700000000 '+%A %j %U'
TZ=UTC+5 date -d @0 +%H
