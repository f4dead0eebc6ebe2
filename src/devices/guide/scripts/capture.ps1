<#
.SYNOPSIS
    Captures the hardware hash of this device, or of others over WinRM, into a file for a customer's registration.

.DESCRIPTION
    The file has the heading Manufacturer,Model,Serial Number,Hardware Hash, is UTF-8, and grows by one row for each
    device that is captured. The values are written as the firmware reports them. Run it as administrator.

.PARAMETER ComputerName
    The devices to capture over WinRM. Without it, this device is captured.

.PARAMETER Credential
    Who asks the other devices. Without it, whoever runs the script.

.PARAMETER OutputFile
    The file. If it exists, rows are added at its end.

.EXAMPLE
    .\capture.ps1 -OutputFile D:\hashes.csv

.EXAMPLE
    .\capture.ps1 -ComputerName PC-017, PC-018 -Credential (Get-Credential) -OutputFile .\hashes.csv
#>
#Requires -Version 5.1
[CmdletBinding()]
param(
    [Parameter(ValueFromPipeline)]
    [string[]] $ComputerName,
    [pscredential] $Credential,
    [string] $OutputFile = 'hashes.csv'
)

begin {
    Set-StrictMode -Version 2.0
    $ErrorActionPreference = 'Stop'

    $heading = 'Manufacturer,Model,Serial Number,Hardware Hash'
    # Windows PowerShell's own commands write UTF-16, or UTF-8 with a mark.
    $utf8 = New-Object System.Text.UTF8Encoding($false)
    $output = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($OutputFile)
    $names = New-Object 'System.Collections.Generic.List[string]'

    function ConvertTo-Cell([string] $Value) {
        $text = $Value.Trim()
        if ($text -match '[",;\r\n]') { return '"' + $text.Replace('"', '""') + '"' }
        return $text
    }

    function Get-Row([hashtable] $Where) {
        $system = Get-CimInstance @Where -ClassName Win32_ComputerSystem
        $firmware = Get-CimInstance @Where -ClassName Win32_BIOS
        $detail = Get-CimInstance @Where -Namespace 'root/cimv2/mdm/dmmap' -ClassName 'MDM_DevDetail_Ext01' `
            -Filter "InstanceID='Ext' AND ParentID='./DevDetail'"
        if (-not $detail -or -not $detail.DeviceHardwareData) {
            throw 'Windows reports no hardware hash. It needs Windows 10 version 1703 or later, and an administrator.'
        }
        $values = $system.Manufacturer, $system.Model, $firmware.SerialNumber, $detail.DeviceHardwareData
        return ($values | ForEach-Object { ConvertTo-Cell $_ }) -join ','
    }

    function Add-Row([string] $Row) {
        if (-not [System.IO.File]::Exists($output)) {
            [System.IO.File]::WriteAllText($output, $heading + "`r`n", $utf8)
        }
        [System.IO.File]::AppendAllText($output, $Row + "`r`n", $utf8)
    }

    # A row behind another heading, or in another encoding than the rest, would spoil the whole file.
    if ([System.IO.File]::Exists($output)) {
        $bytes = [System.IO.File]::ReadAllBytes($output)
        $expected = $utf8.GetBytes($heading + "`r`n")
        $same = $bytes.Length -ge $expected.Length
        for ($i = 0; $same -and $i -lt $expected.Length; $i++) { $same = $bytes[$i] -eq $expected[$i] }
        if (-not $same) {
            throw "$output is not a file of this script: its first line is not '$heading' in UTF-8. Name another file."
        }
    }
}

process {
    foreach ($name in $ComputerName) { if ($name) { $names.Add($name) } }
}

end {
    if ($names.Count -eq 0) {
        # An empty list of others does not mean this device.
        if ($PSBoundParameters.ContainsKey('ComputerName') -or $MyInvocation.ExpectingInput) {
            throw 'The list of computers is empty, so nothing was captured.'
        }
        Add-Row (Get-Row @{})
        Write-Output "This device was added to $output."
        return
    }

    $failed = 0
    foreach ($name in $names) {
        $session = $null
        try {
            $remote = @{ ComputerName = $name }
            if ($Credential) { $remote.Credential = $Credential }
            $session = New-CimSession @remote
            Add-Row (Get-Row @{ CimSession = $session })
            Write-Output "$name was added to $output."
        }
        catch {
            # One device that is switched off must not stop the others.
            $failed++
            Write-Warning "$name was not captured: $($_.Exception.Message)"
        }
        finally {
            if ($session) { Remove-CimSession $session }
        }
    }
    if ($failed -gt 0) {
        throw "$failed of $($names.Count) computers were not captured; the warnings say why. Run the script again for them."
    }
}
