// Package canada reads the tables from which Canada follows its action plans on
// open government: commitment, milestone and indicator by code (C01, C01.1,
// C01.1.1), with the leading department, deadlines, reporting periods and
// status codes. They are files of ckanext-canada (MIT licence): nap5.yaml for
// 2022-2024, nap6.yaml for 2025-2029.
//
// It promises that every choice of the file is in the result or an error says
// why not: codes must form a tree without holes. Commitments turns the tree
// into canonical commitments, so that a real plan can be shown and compared.
//
// It stops at the definition of the plan: the departments' reports are a CSV of
// their own.
package canada
