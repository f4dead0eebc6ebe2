//! Files of registrations and imports, their staged copies, and what was found in them.

use diesel::prelude::*;
use uuid::Uuid;

use super::super::model::{FileReport, Finding, FindingCode, Severity, StagedFileId};
use super::super::staging::Staged;
use super::{device_files, device_findings};
use crate::access::OrganisationId;
use crate::ids;
use crate::platform::clock::Timestamp;
use crate::platform::db::{Read, Tx, copy_all, insert_all, word};

ids! {
    /// A registration or an import: what files belong to.
    SubjectId,
}

#[derive(Insertable)]
#[diesel(table_name = device_files, treat_none_as_default_value = false)]
struct NewFile<'f> {
    subject_id: SubjectId,
    number: i32,
    name: &'f str,
    bytes: i64,
    format: &'f str,
    encoding: &'f str,
    delimiter: &'f str,
    row_count: i32,
    skipped: i32,
    uploaded_by: OrganisationId,
    staged_file: Option<StagedFileId>,
}

/// Writes the files of a registration or an import, each with its staged copy.
pub(in crate::devices) fn insert_files(
    tx: &mut Tx<'_>,
    subject: Uuid,
    uploaded_by: OrganisationId,
    files: &[(FileReport, Staged)],
) -> QueryResult<()> {
    let small = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
    let new: Vec<NewFile<'_>> = (1..)
        .zip(files)
        .map(|(number, (report, staged))| NewFile {
            subject_id: SubjectId::from_uuid(subject),
            number,
            name: &report.name,
            bytes: i64::try_from(staged.bytes).unwrap_or(i64::MAX),
            format: &report.format,
            encoding: &report.encoding,
            delimiter: &report.delimiter,
            row_count: small(report.rows),
            skipped: small(report.skipped),
            uploaded_by,
            staged_file: Some(staged.id),
        })
        .collect();
    insert_all!(tx, device_files::table, new)
}

/// The files of some registrations or imports, in order.
pub(in crate::devices) fn files_of(read: &mut Read<'_>, subjects: &[Uuid]) -> QueryResult<Vec<(Uuid, FileReport)>> {
    let ids: Vec<SubjectId> = subjects.iter().copied().map(SubjectId::from_uuid).collect();
    let mut found = Vec::with_capacity(ids.len());
    for some in ids.chunks(5_000) {
        let rows: Vec<(SubjectId, String, String, String, String, i32, i32)> = device_files::table
            .filter(device_files::subject_id.eq_any(some))
            .order((device_files::subject_id, device_files::number))
            .select((
                device_files::subject_id,
                device_files::name,
                device_files::format,
                device_files::encoding,
                device_files::delimiter,
                device_files::row_count,
                device_files::skipped,
            ))
            .load(read.connection())?;
        found.extend(rows.into_iter().map(|(subject, name, format, encoding, delimiter, rows, skipped)| {
            let count = |count: i32| u32::try_from(count).unwrap_or(0);
            let (rows, skipped) = (count(rows), count(skipped));
            (subject.uuid(), FileReport { name, format, encoding, delimiter, rows, skipped })
        }));
    }
    Ok(found)
}

/// The staged copies of a registration or an import, in order; nothing of those that were removed.
pub(in crate::devices) fn staged_files(
    read: &mut Read<'_>,
    subject: Uuid,
) -> QueryResult<Vec<(String, Option<StagedFileId>)>> {
    device_files::table
        .filter(device_files::subject_id.eq(SubjectId::from_uuid(subject)))
        .order(device_files::number)
        .select((device_files::name, device_files::staged_file))
        .load(read.connection())
}

/// Who uploaded the files of a registration or an import.
pub(in crate::devices) fn uploaded_by(read: &mut Read<'_>, subject: Uuid) -> QueryResult<Option<OrganisationId>> {
    device_files::table
        .filter(device_files::subject_id.eq(SubjectId::from_uuid(subject)))
        .select(device_files::uploaded_by)
        .first(read.connection())
        .optional()
}

/// Bytes that an organisation has staged.
pub(in crate::devices) fn staged_bytes(read: &mut Read<'_>, organisation: OrganisationId) -> QueryResult<u64> {
    // A sum of bigint is numeric on PostgreSQL, so the few rows are added here.
    let bytes: Vec<i64> = device_files::table
        .filter(device_files::uploaded_by.eq(organisation))
        .filter(device_files::staged_file.is_not_null())
        .select(device_files::bytes)
        .load(read.connection())?;
    Ok(bytes.into_iter().filter_map(|bytes| u64::try_from(bytes).ok()).fold(0, u64::saturating_add))
}

/// The copies of a registration or an import may go at `at`.
pub(in crate::devices) fn remove_after(tx: &mut Tx<'_>, subject: Uuid, at: Option<Timestamp>) -> QueryResult<()> {
    diesel::update(device_files::table.filter(device_files::subject_id.eq(SubjectId::from_uuid(subject))))
        .set(device_files::remove_at.eq(at))
        .execute(tx.connection())?;
    Ok(())
}

/// Copies that are to go by now, at most `limit`.
pub(in crate::devices) fn copies_to_remove(
    read: &mut Read<'_>,
    now: Timestamp,
    limit: i64,
) -> QueryResult<Vec<StagedFileId>> {
    let found: Vec<Option<StagedFileId>> = device_files::table
        .filter(device_files::staged_file.is_not_null())
        .filter(device_files::remove_at.le(now))
        .order(device_files::remove_at)
        .limit(limit)
        .select(device_files::staged_file)
        .load(read.connection())?;
    Ok(found.into_iter().flatten().collect())
}

/// These copies are gone.
pub(in crate::devices) fn forget_copies(tx: &mut Tx<'_>, copies: &[StagedFileId]) -> QueryResult<()> {
    diesel::update(device_files::table.filter(device_files::staged_file.eq_any(copies)))
        .set(device_files::staged_file.eq(None::<StagedFileId>))
        .execute(tx.connection())?;
    Ok(())
}

/// Those among `copies` that belong to a registration or an import.
pub(in crate::devices) fn known_copies(read: &mut Read<'_>, copies: &[StagedFileId]) -> QueryResult<Vec<StagedFileId>> {
    let found: Vec<Option<StagedFileId>> = device_files::table
        .filter(device_files::staged_file.eq_any(copies))
        .select(device_files::staged_file)
        .load(read.connection())?;
    Ok(found.into_iter().flatten().collect())
}

#[derive(Insertable)]
#[diesel(table_name = device_findings, treat_none_as_default_value = false)]
struct NewFinding<'f> {
    subject_id: SubjectId,
    number: i32,
    file: i32,
    line: Option<i32>,
    column_name: Option<&'f str>,
    value: Option<&'f str>,
    code: &'static str,
    severity: &'static str,
    sentence: &'f str,
}

/// Writes findings; `first` is the number of the first of them.
pub(in crate::devices) fn insert_findings(
    tx: &mut Tx<'_>,
    subject: Uuid,
    first: i32,
    findings: &[Finding],
) -> QueryResult<()> {
    let new: Vec<NewFinding<'_>> = (first..)
        .zip(findings)
        .map(|(number, finding)| NewFinding {
            subject_id: SubjectId::from_uuid(subject),
            number,
            file: i32::from(finding.file),
            line: finding.line.map(|line| i32::try_from(line).unwrap_or(i32::MAX)),
            column_name: finding.column.as_deref(),
            value: finding.value.as_deref(),
            code: finding.code.as_str(),
            severity: finding.severity.as_str(),
            sentence: &finding.sentence,
        })
        .collect();
    copy_all!(tx, device_findings::table, &new[..])
}

type FindingRow = (i32, i32, Option<i32>, Option<String>, Option<String>, String, String, String);

/// Findings after a number, in order, each with its number.
pub(in crate::devices) fn findings(
    read: &mut Read<'_>,
    subject: Uuid,
    after: i32,
    limit: i64,
) -> QueryResult<Vec<(i32, Finding)>> {
    let rows: Vec<FindingRow> = device_findings::table
        .filter(device_findings::subject_id.eq(SubjectId::from_uuid(subject)))
        .filter(device_findings::number.gt(after))
        .order(device_findings::number)
        .limit(limit)
        .select((
            device_findings::number,
            device_findings::file,
            device_findings::line,
            device_findings::column_name,
            device_findings::value,
            device_findings::code,
            device_findings::severity,
            device_findings::sentence,
        ))
        .load(read.connection())?;
    let finding = |row: FindingRow| {
        let (number, file, line, column, value, code, severity, sentence) = row;
        let code: FindingCode = word(code)?;
        let finding = Finding {
            code,
            severity: word::<Severity>(severity)?,
            file: u16::try_from(file).unwrap_or(0),
            line: line.and_then(|line| u32::try_from(line).ok()),
            column,
            value,
            sentence,
            remedy: code.remedy().to_owned(),
        };
        Ok((number, finding))
    };
    rows.into_iter().map(finding).collect()
}

/// How often each code was found.
pub(in crate::devices) fn finding_counts(read: &mut Read<'_>, subject: Uuid) -> QueryResult<Vec<(FindingCode, i64)>> {
    let rows: Vec<(String, i64)> = device_findings::table
        .filter(device_findings::subject_id.eq(SubjectId::from_uuid(subject)))
        .group_by(device_findings::code)
        .select((device_findings::code, diesel::dsl::count_star()))
        .order(device_findings::code)
        .load(read.connection())?;
    rows.into_iter().map(|(code, count)| Ok((word(code)?, count))).collect()
}
