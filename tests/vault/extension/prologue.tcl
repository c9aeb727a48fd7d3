# SPDX-License-Identifier: GPL-3.0-or-later
#
# prologue.tcl: runs one file of SQLite's tests on the page layer: testfixture prologue.tcl FILE.test [option...]
#
# The test files and testfixture stay as they are. But the simulated disk of the crash tests is put where a disk
# belongs: SQLite opens its database through it, which would be above the page layer, and what it tears and
# forgets there are no longer the writes that reach the disk. The scripts those tests write for the process that
# is to crash are changed so that the page layer is registered once more when that disk exists, and stands on it.
# That disk damages whole sectors, also around what was written; ours are as large as what is written, since the
# page layer, as SQLite on any of today's disks, relies on a write not damaging its neighbors.

set argv0 [lindex $argv 0]
set argv [lrange $argv 1 end]

proc place_crash_disk_beneath {script} {
  set file [open $script]
  set text [read $file]
  close $file
  set disk [expr {[string match *sqlite3_crash_on_write* $text] ? "writecrash" : "crash"}]
  regsub -all {sqlite3_crash_enable 1[ 01]*} $text "sqlite3_crash_enable 1 ; sqlite3_shutdown ;" text
  regsub -all {sqlite3_crash_on_write [0-9]+} $text "& ; sqlite3_shutdown ;" text
  regsub -all {(-vfs|-v) (write)?crash} $text "" text
  regsub -all {sqlite3_crashparams( -s [0-9]+)?} $text "sqlite3_crashparams -s 1" text
  set file [open $script w]
  puts -nonewline $file $text
  close $file
  return $disk
}

# The page layer keeps other processes out while a database is open here: the connections are closed while the
# other process crashes.
proc close_connections {} {
  set closed {}
  foreach name {db db2 db3 db4} {
    if {[info commands ::$name] eq ""} continue
    if {[catch {::$name eval {PRAGMA database_list}} list]} continue
    if {[lindex $list 2] eq ""} continue
    lappend closed $name $list
    ::$name close
  }
  return $closed
}

proc exec_crashing {arguments} {
  set closed [close_connections]
  # A file that crashes while its head is made is no store; Tessera makes one under another name.
  if {![file exists test.db]} {
    sqlite3 made test.db
    made close
  }
  set ::env(TESSERA_PAGE_BENEATH) [place_crash_disk_beneath crash.tcl]
  set code [catch {uplevel 2 [list exec_as_it_is {*}$arguments]} result options]
  unset ::env(TESSERA_PAGE_BENEATH)
  foreach {name list} $closed {
    # As SQLite would, open in any case: what is wrong with the file is for the test to find.
    if {[catch {sqlite3 $name [lindex $list 2]}]} {
      sqlite3 $name :memory:
    }
    foreach {number schema path} [lrange $list 3 end] {
      if {$path ne ""} {
        catch {$name eval "ATTACH '$path' AS '$schema'"}
      }
    }
  }
  return -options $options $result
}

# Tests look at the size and at some bytes of the files. They get what SQLite sees of them.
proc is_sealed {path} {
  if {[catch {open $path rb} file]} {
    return 0
  }
  set start [read $file 8]
  close $file
  return [expr {$start eq "Tessera "}]
}

proc seen {args} {
  set open [expr {[info commands sqlite_orig] eq "" ? "sqlite3" : "sqlite_orig"}]
  $open tessera_probe :memory:
  sqlite3_enable_load_extension tessera_probe 1
  set code [catch {
    tessera_probe eval {SELECT load_extension($::env(TESSERA_PAGE_EXTENSION))}
    lassign $args path offset amount
    if {[llength $args] == 1} {
      tessera_probe onecolumn {SELECT tessera_seen($path)}
    } else {
      tessera_probe onecolumn {SELECT tessera_seen($path, $offset, $amount)}
    }
  } result]
  tessera_probe close
  if {$code != 0} {
    error $result
  }
  return $result
}

if {[info exists ::env(TESSERA_PAGE_EXTENSION)]} {
  # For the same reason tests that use several connections use them in this process only. SQLite's own way of saying
  # so.
  set ::G(valgrind) 1

  rename ::tcl::file::size file_size_as_it_is
  proc ::tcl::file::size {path} {
    if {[is_sealed $path] && ![catch {seen $path} size]} {
      return $size
    }
    return [file_size_as_it_is $path]
  }

  rename hexio_read hexio_read_as_it_is
  proc hexio_read {path offset amount} {
    if {[is_sealed $path] && ![catch {seen $path $offset $amount} bytes]} {
      binary scan $bytes H* digits
      return [string toupper $digits]
    }
    return [hexio_read_as_it_is $path $offset $amount]
  }

  rename exec exec_as_it_is
  proc exec {args} {
    if {"crash.tcl" in $args} {
      return [exec_crashing $args]
    }
    return [uplevel 1 [list exec_as_it_is {*}$args]]
  }
}

source $argv0
