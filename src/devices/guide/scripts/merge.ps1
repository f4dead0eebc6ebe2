<#
.SYNOPSIS
    Puts the device files of a folder together into one.

.DESCRIPTION
    Rows stay as they are written, quotes included. Files may be UTF-8, UTF-16 or in the code page Windows-1252; the merged
    file is UTF-8 with one heading. Empty lines and repeated headings are left out. If the files have different headings,
    nothing is written: rows under the wrong heading would be other devices.

.PARAMETER Path
    The folder.

.PARAMETER Filter
    Which files of the folder.

.PARAMETER OutputFile
    The merged file. It is never one of the files that are read, so that the script can be run again.

.EXAMPLE
    .\merge.ps1 -Path .\captures -OutputFile .\merged.csv
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [string] $Path = '.',
    [string] $Filter = '*.csv',
    [string] $OutputFile = 'merged.csv'
)

Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'

function Read-Text([string] $File) {
    $bytes = [System.IO.File]::ReadAllBytes($File)
    $strict = New-Object System.Text.UTF8Encoding($false, $true)
    if ($bytes.Length -ge 2 -and $bytes[0] -eq 0xFF -and $bytes[1] -eq 0xFE) {
        return [System.Text.Encoding]::Unicode.GetString($bytes, 2, $bytes.Length - 2)
    }
    if ($bytes.Length -ge 2 -and $bytes[0] -eq 0xFE -and $bytes[1] -eq 0xFF) {
        return [System.Text.Encoding]::BigEndianUnicode.GetString($bytes, 2, $bytes.Length - 2)
    }
    if ($bytes.Length -ge 3 -and $bytes[0] -eq 0xEF -and $bytes[1] -eq 0xBB -and $bytes[2] -eq 0xBF) {
        return $strict.GetString($bytes, 3, $bytes.Length - 3)
    }
    # UTF-16 that lost its mark: headings are plain letters, so every second byte is zero.
    if ($bytes.Length -ge 4 -and $bytes[1] -eq 0 -and $bytes[3] -eq 0) {
        return [System.Text.Encoding]::Unicode.GetString($bytes)
    }
    try {
        return $strict.GetString($bytes)
    }
    catch {
        # PowerShell 7 knows code pages only on request; Windows PowerShell has no provider to ask.
        $provider = 'System.Text.CodePagesEncodingProvider' -as [type]
        if ($provider) { [System.Text.Encoding]::RegisterProvider($provider::Instance) }
        return [System.Text.Encoding]::GetEncoding(1252).GetString($bytes)
    }
}

# A heading means the same with quotes around its names and without.
function Get-Heading([string] $Line) {
    return $Line.Trim().Replace('"', '')
}

$output = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputFile)
$files = @(Get-ChildItem -LiteralPath $Path -Filter $Filter -File | Sort-Object -Property Name |
    Where-Object { $_.FullName -ne $output })
if ($files.Count -eq 0) { throw "There is no file $Filter in $Path." }

$heading = $null
$headingOf = $null
$rows = 0
$lines = New-Object 'System.Collections.Generic.List[string]'
foreach ($file in $files) {
    $reader = New-Object System.IO.StringReader((Read-Text $file.FullName))
    $own = $null
    while ($null -ne ($line = $reader.ReadLine())) {
        if ($line.Trim(" `t,;".ToCharArray()) -eq '') { continue }
        if ($null -eq $own) {
            if ($line -match '^sep=.$') { continue }
            $own = Get-Heading $line
            if ($null -eq $heading) {
                $heading = $own
                $headingOf = $file.Name
                $lines.Add($line)
            }
            elseif ($own -cne $heading) {
                throw "The headings differ, so nothing was merged. $headingOf has '$heading', $($file.Name) has '$own'. " +
                    'Merge files of one kind, or upload them all at once: each is then read by its own heading.'
            }
            continue
        }
        if ((Get-Heading $line) -ceq $heading) { continue }
        $lines.Add($line)
        $rows++
    }
}
if ($null -eq $heading) { throw 'All files are empty; nothing was merged.' }

[System.IO.File]::WriteAllText($output, ($lines -join "`r`n") + "`r`n", (New-Object System.Text.UTF8Encoding($false)))
Write-Output "$rows rows of $($files.Count) files were merged into $output."
