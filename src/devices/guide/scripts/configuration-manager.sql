-- The devices of a Configuration Manager site with their hardware hashes, under the headings of a customer's device file.
-- Run it on the site database and save the result as CSV with headings; Report Builder, which allows no blanks in names,
-- turns two of them into Serial_Number and Hardware_Hash, and those are understood as well.
SELECT computer.Manufacturer0 AS [Manufacturer],
       computer.Model0 AS [Model],
       firmware.SerialNumber0 AS [Serial Number],
       detail.DeviceHardwareData0 AS [Hardware Hash]
FROM v_GS_COMPUTER_SYSTEM AS computer
     INNER JOIN v_GS_PC_BIOS AS firmware ON firmware.ResourceID = computer.ResourceID
     INNER JOIN v_GS_MDM_DEVDETAIL_EXT01 AS detail ON detail.ResourceID = computer.ResourceID
-- Devices that have not reported a hash yet would be refused one by one.
WHERE detail.DeviceHardwareData0 IS NOT NULL
  AND detail.DeviceHardwareData0 <> ''
ORDER BY computer.Manufacturer0, computer.Model0, firmware.SerialNumber0;
