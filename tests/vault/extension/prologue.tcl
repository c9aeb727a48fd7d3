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

# Tests look at the size and at some bytes of the files. They get what SQLite sees of them. The file is opened by the VFS
# and not here: to close a file drops every lock that the process has on it.
proc seen {args} {
  if {[regexp -- {-(journal|shm)$} [lindex $args 0]]} {
    error "not sealed as a whole"
  }
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
    if {![catch {seen $path} size]} {
      return $size
    }
    return [file_size_as_it_is $path]
  }

  rename hexio_read hexio_read_as_it_is
  proc hexio_read {path offset amount} {
    if {![catch {seen $path $offset $amount} bytes]} {
      binary scan $bytes H* digits
      return [string toupper $digits]
    }
    return [hexio_read_as_it_is $path $offset $amount]
  }

  # VFSs that stand upon the page layer and pretend to be a device take away the one promise it makes, that of all of
  # today's disks (powersafe_overwrite). It is put back.
  rename testvfs testvfs_as_it_is
  proc testvfs {name args} {
    set real vfs_[incr ::made_vfs]
    uplevel 1 [list testvfs_as_it_is $name {*}$args]
    rename ::$name ::$real
    proc ::$name {args} "powersafe_vfs [list $name $real] {*}\$args"
  }
  proc powersafe_vfs {name real args} {
    if {[lindex $args 0] eq "devchar" && [llength $args] > 1} {
      lset args 1 [concat [lindex $args 1] powersafe_overwrite]
    }
    set result [uplevel 2 [list ::$real {*}$args]]
    if {[lindex $args 0] eq "delete"} {
      rename ::$name ""
    }
    return $result
  }

  rename sqlite3_simulate_device simulate_device_as_it_is
  proc sqlite3_simulate_device {args} {
    set characteristics powersafe_overwrite
    set others {}
    foreach {option value} $args {
      if {[string match -c* $option]} {
        lappend characteristics {*}$value
      } else {
        lappend others $option $value
      }
    }
    uplevel 1 [list simulate_device_as_it_is {*}$others -characteristics $characteristics]
  }

  # Many cases have two sets of what to expect, and know which one to take if bytes of each page are reserved. The
  # procedure comes with each tester.tcl that is read.
  trace add execution source leave {apply {args {
    if {[info procs ::nonzero_reserved_bytes] ne ""} {
      proc ::nonzero_reserved_bytes {} {return 1}
    }
  }}}

  rename exec exec_as_it_is
  proc exec {args} {
    if {"crash.tcl" in $args} {
      return [exec_crashing $args]
    }
    return [uplevel 1 [list exec_as_it_is {*}$args]]
  }
}

# Command by command, so that one which fails outside all cases does not take the rest of the file along. It counts as a
# failed case by the name of its line.
proc run_file {path} {
  set file [open $path]
  set lines [split [read $file] \n]
  close $file
  info script $path
  set command ""
  set number 0
  foreach line $lines {
    incr number
    if {$command eq ""} {
      set start $number
    }
    append command $line \n
    if {![info complete $command]} continue
    set code [catch {uplevel #0 $command} message]
    set command ""
    if {$code == 2} break
    if {$code == 1} {
      puts "(line-$start): $message"
      fail_test (line-$start)
    }
  }
}

run_file $argv0
