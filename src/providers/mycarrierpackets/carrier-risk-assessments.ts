import { bulkStream } from './bulk-stream.ts';

/** What every monitored carrier's risk is made of. Source: Swagger "v1" (CarrierRiskAssessmentDTO). */
export const carrierRiskAssessments = bulkStream('carrier-risk-assessments', 'GetMonitoredCarriersRiskAssessment', {
  docket_number: 'DocketNumber',
  total_points: 'RiskAssessmentDetails.TotalPoints',
  overall_rating: 'RiskAssessmentDetails.OverallRating',
  review_state: 'RiskAssessmentDetails.ReviewState',
  authority_rating: 'RiskAssessmentDetails.Authority.OverallRating',
  insurance_rating: 'RiskAssessmentDetails.Insurance.OverallRating',
  safety_rating: 'RiskAssessmentDetails.Safety.OverallRating',
  operation_rating: 'RiskAssessmentDetails.Operation.OverallRating',
  other_rating: 'RiskAssessmentDetails.Other.OverallRating',
});
