// The built-in roles that are given here, and no others; README.md says to whom and what for.
// https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
@export()
@description('Ids of built-in role definitions.')
var roles = {
  keyVaultSecretsUser: '4633458b-17de-408a-874b-0445c86b69e6'
  keyVaultSecretsOfficer: 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7'
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
}
